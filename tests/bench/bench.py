"""What all figures share: the programs, where things are kept while they run, and how long to measure."""

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
PACKAGES = ROOT / "target/tools/bench"
MACHINE = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]

# The SAM CLI brings the Runtime Interface Emulator along.
RIE = ROOT / f"target/tools/sam/samcli/local/rapid/aws-lambda-rie-{MACHINE}"

# Built one after the other: together, what one package asks of a shared crate would end up in the others.
BUILDS = (
    # As CI builds what is deployed.
    ("-p", "allocate", "-p", "track", "-p", "inspect", "-p", "release"),
    ("-p", "bare", "-p", "calls", "--bins", "--examples"),
    ("-p", "bench-cloud"),
)


class Bench:
    def __init__(self, options):
        self.options = options
        self.rounds = 3 if options.quick else 5
        # Orders per round of what is measured warm. A thousand in all.
        self.orders = 50 if options.quick else 200
        built = options.built.resolve() if options.built else TARGET / "release"
        self.programs = {
            "allocate": built / "allocate",
            "track": built / "track",
            "release": built / "release",
            "bare": built / "bare",
            "calls": built / "examples/calls",
            "bench-cloud": built / "bench-cloud",
        }
        self.rie = options.rie or RIE
        self.directory = ROOT / "target/bench"
        self.packages = PACKAGES
        self.certificates = None
        self._scratches = 0
        self._once = {}

    def prepare(self):
        """Builds what is ours, unless it is built, and fetches what is not."""
        if not self.options.built:
            for packages in BUILDS:
                subprocess.run(["cargo", "build", "--release", "--locked", *packages], cwd=ROOT, check=True)
        if not self.options.rie:
            subprocess.run([ROOT / ".ci/tools", "sam"], check=True)
        for program in (*self.programs.values(), self.rie):
            if not program.is_file():
                sys.exit(f"{program} is not there")
        # pip does not keep the bit.
        self.rie.chmod(0o755)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.directory / "lock", "w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit("another benchmark is running here, and both would measure each other")
        fetch()
        sys.path.insert(0, str(PACKAGES))
        for name in ("logs", "environments"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
            (self.directory / name).mkdir(parents=True)
        import certificates  # What it needs has only now been fetched.

        self.certificates = certificates.make(self.directory)

    def scratch(self, name):
        """An empty directory for one process."""
        self._scratches += 1
        directory = self.directory / "environments" / f"{self._scratches:03}-{name}"
        directory.mkdir()
        return directory

    def once(self, name, measure):
        """What `measure` gives, for figures that stand on the same measurement."""
        if name not in self._once:
            self._once[name] = measure(self)
        return self._once[name]

    def say(self, text):
        """For whoever waits."""
        print(f"    {text}", file=sys.stderr, flush=True)

    def log(self, name):
        """Where a process may write what nobody reads unless it fails."""
        return open(self.directory / "logs" / f"{name}.log", "ab")


def fetch():
    """As .ci/tools does it: works where a virtual environment does not, and touches nothing else."""
    files = [HERE / "requirements.txt", HERE.parent / "comparison/requirements.txt"]
    wanted = "".join(file.read_text() for file in files) + sys.version
    stamp = PACKAGES / ".fetched"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(PACKAGES, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-conflicts"]
    pip += ["--root-user-action", "ignore", "--target", str(PACKAGES), "-r", str(files[0])]
    subprocess.run(pip, check=True)
    stamp.write_text(wanted)


def machine():
    """What it was measured on, to be read beside the numbers."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    rustc = subprocess.run(["rustc", "--version"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()
    return {"cpu": model, "cores": os.cpu_count(), "load": os.getloadavg()[0], "rustc": rustc, "python": platform.python_version()}


def write_json(path, document):
    path.write_text(json.dumps(document, indent=1) + "\n")
