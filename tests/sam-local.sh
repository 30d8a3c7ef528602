#!/usr/bin/env bash
# Runs the functions in containers with `sam local invoke`, against the local cloud, and checks the answers:
#
#     tests/sam-local.sh [--provision] [--sam-build] [EVENT...]
#
# Without events it sends one through each door of allocate, and one to each of the other functions. Where no Docker can
# start it says so and passes.
#
#   --provision   as root on Debian or Ubuntu, install what Docker needs first
#   --prepare     do what can be done before the functions are built, and no more
#   --sam-build   build with `sam build` instead of taking target/lambda/{allocate,…}
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

provision='' prepare='' sam_build='' events=()
for argument in "$@"; do
    case "$argument" in
        --provision) provision=yes ;;
        --prepare) prepare=yes ;;
        --sam-build) sam_build=yes ;;
        *) events+=("$argument") ;;
    esac
done
# Each line's events are sent side by side, after those of the line before. None of them may change what another one shows.
rounds=("${events[@]}")
if ((${#events[@]} == 0)); then
    # The first brings what the others look at and release, and is alone: SAM makes the image that all run in.
    rounds=(tests/events/sqs-orders-to-be-released.json
        "tests/events/http-v1-order.json tests/events/http-v2-order.json"
        "tests/events/function-url-order.json tests/events/direct-order.json"
        "tests/events/eventbridge-order.json tests/events/sns-order.json"
        "tests/events/sqs-sns-notification.json tests/events/inspect/http-v2-one-order.json"
        tests/events/release/http-v2-release.json
        tests/events/track/scheduled.json)
fi

scratch=target/sam-local
# The port that tests/sam-local.json points the functions at; samconfig.toml names that file.
port=8787
# AWS's image is not everywhere within reach; any Linux that can run the binary will do, as SAM adds the emulator itself.
image=hosted-connections/lambda-stand-in:bookworm
machine="$(uname -m | sed 's/aarch64/arm64/')"
sam=(env "PYTHONPATH=$PWD/target/tools/sam" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1
    AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local "$PWD/target/tools/sam/bin/sam")
background=()

main() {
    mkdir -p "$scratch"
    trap clean_up EXIT
    if [[ -n "$provision" ]]; then
        install_docker
    fi
    if [[ -n "$prepare" ]]; then
        # Where Docker runs already, AWS's image may well be within reach.
        docker info >/dev/null 2>&1 || prepare_image
        return
    fi
    .ci/tools sam
    start_docker
    make_image
    build
    start_cloud
    local round event process passed=0 failed=0 running
    for round in "${rounds[@]}"; do
        running=()
        for event in $round; do
            invoke "$event" &
            running+=($!)
        done
        for process in "${running[@]}"; do
            if wait "$process"; then
                passed=$((passed + 1))
            else
                failed=$((failed + 1))
            fi
        done
    done
    echo "$passed passed, $failed failed"
    ((failed == 0))
}

# Passes: a machine without Docker has not failed.
skip() {
    echo "skipped: $1"
    exit 0
}

clean_up() {
    local process
    for process in ${background[@]+"${background[@]}"}; do
        kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true
    done
}

install_docker() {
    [[ "$(id -u)" == 0 ]] || skip "--provision needs root"
    if command -v dockerd >/dev/null && command -v debootstrap >/dev/null && command -v iptables >/dev/null; then
        return
    fi
    echo "installing Docker"
    {
        apt-get update &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -o DPkg::Lock::Timeout=300 --no-install-recommends docker.io iptables debootstrap
    } >"$scratch/apt.log" 2>&1 || skip "apt-get cannot install Docker: $(tail -n 1 "$scratch/apt.log")"
}

start_docker() {
    command -v docker >/dev/null || skip "there is no docker command (try --provision)"
    docker info >/dev/null 2>&1 && return
    command -v dockerd >/dev/null && [[ "$(id -u)" == 0 ]] || skip "no Docker daemon is running, and this user cannot start one"
    echo "starting dockerd"
    dockerd >"$scratch/dockerd.log" 2>&1 &
    background+=($!)
    local _
    for _ in {1..60}; do
        docker info >/dev/null 2>&1 && return
        sleep 0.5
    done
    skip "dockerd does not start: $(grep -E 'level=(fatal|error)|failed' "$scratch/dockerd.log" | tail -n 1)"
}

# A root file system to make the image of, for machines that cannot have AWS's.
prepare_image() {
    [[ -e "$scratch/base.tar" ]] && return
    command -v debootstrap >/dev/null && [[ "$(id -u)" == 0 ]] ||
        skip "the Lambda image cannot be pulled, and this user cannot make one with debootstrap"
    echo "making a base image with debootstrap"
    local root
    root="$(mktemp -d)"
    # Certificates as in AWS's image: the function's TLS client reads them at start.
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >"$scratch/debootstrap.log" 2>&1 ||
        skip "debootstrap fails: $(tail -n 1 "$scratch/debootstrap.log")"
    # The functions need glibc and certificates, and every image made of this one has it all again.
    tar --create --file "$scratch/base.part" --directory "$root" --exclude './var/cache/*' --exclude './var/lib/*' \
        --exclude './usr/share/*' --exclude './usr/lib/*/perl*' .
    mv "$scratch/base.part" "$scratch/base.tar"
    rm -rf "$root"
}

make_image() {
    docker image inspect "$image" >/dev/null 2>&1 && return
    if timeout 60 docker pull "public.ecr.aws/lambda/provided:al2023-$machine" >"$scratch/pull.log" 2>&1; then
        image="public.ecr.aws/lambda/provided:al2023-$machine"
        return
    fi
    prepare_image
    docker import "$scratch/base.tar" "$image" >/dev/null
}

build() {
    if [[ -n "$sam_build" ]]; then
        .ci/cargo-lambda -- "${sam[@]}" build --parameter-overrides "Architecture=$machine"
        template=.aws-sam/build/template.yaml
        return
    fi
    # What `sam build` would leave behind, of the build that is there.
    rm -rf "$scratch/build"
    local function
    for function in allocate track inspect release; do
        mkdir -p "$scratch/build/$function"
        cp "target/lambda/$function/bootstrap" "$scratch/build/$function/bootstrap"
    done
    sed 's#^\( *CodeUri:\) functions/#\1 #' template.yaml >"$scratch/build/template.yaml"
    template="$scratch/build/template.yaml"
}

start_cloud() {
    # On all addresses: the container comes in through Docker's bridge.
    target/debug/local serve --listen "0.0.0.0:$port" --track-seconds 0 >"$scratch/cloud.log" 2>&1 &
    local cloud=$! _
    background+=("$cloud")
    for _ in {1..100}; do
        kill -0 "$cloud" 2>/dev/null || break
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        sleep 0.1
    done
    echo "the local cloud does not listen on port $port:" >&2
    cat "$scratch/cloud.log" >&2
    exit 1
}

invoke() {
    local name function status=0
    name="$(basename "$1" .json)"
    function="$(basename "$(dirname "$1")")"
    # The folder's name, or allocate's events.
    function="${function/#events/allocate}"
    # An invocation that is meant to fail makes `sam` fail too: the answer decides, not the status.
    "${sam[@]}" local invoke "${function^}Function" --template "$template" --event "$1" \
        --config-file "$PWD/samconfig.toml" --parameter-overrides "Architecture=$machine" \
        --invoke-image "$image" --skip-pull-image \
        >"$scratch/$name.answer" 2>"$scratch/$name.log" || true
    python3 tests/answers.py "$1" <"$scratch/$name.answer" 2>"$scratch/$name.differences" || status=1
    # At once, so that what is said of two events does not mix.
    if ((status)); then
        echo "FAIL $name"$'\n'"$(cat "$scratch/$name.differences" "$scratch/$name.log")"
    else
        echo "ok   $function $name: $(cut -c1-300 "$scratch/$name.answer") $(grep -oE '\sDuration: [0-9.]+ ms' "$scratch/$name.log" | tail -n 1)"
    fi
    return "$status"
}

main
