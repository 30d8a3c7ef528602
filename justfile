# What there is to do here. `just` alone lists it.

set shell := ["bash", "-euo", "pipefail", "-c"]

# Where .ci/tools puts what comes from PyPI.
tools := "target/tools"

# What is deployed, each a package.
functions := "-p allocate -p track -p inspect -p release"

# This machine's architecture, as cargo-lambda names it.
here := "--" + replace(replace(arch(), "aarch64", "arm64"), "_", "-")

[private]
default:
    @just --list --unsorted

# Show a day of orders on the local cloud.
run *ARGS:
    cargo run -- {{ ARGS }}

# Start the local cloud for AWS SDKs, the AWS CLI and `sam local invoke`.
serve *ARGS:
    cargo run -- serve {{ ARGS }}

# Put one Lambda event through its function: just invoke tests/events/sqs-one-order.json
invoke EVENT *ARGS:
    cargo run -- invoke {{ EVENT }} {{ ARGS }}

# The operator's command: just operator explain order-1001, or just operator doctor
operator *ARGS:
    cargo run -p operator -- {{ ARGS }}

# Tell thousands of stories in which things go wrong: just prove --schedules 20000 --seed 7
prove *ARGS:
    cargo run -- prove {{ ARGS }}

# Write what is made from the types: OpenAPI, AsyncAPI, JSON Schemas.
contracts:
    cargo run --locked -p contracts

# Write docs/transitions.md, which is made from the table of transitions.
transitions:
    UPDATE=1 cargo test --locked -p transitions --test page

# Try the HTTP API by its description, on the local cloud: just schemathesis, or just schemathesis -- -n 1000
schemathesis *ARGS:
    .ci/tools schemathesis
    cargo build --locked
    python3 tests/contracts.py {{ ARGS }}

# Make clients from infra/openapi.yaml with two generators, and try them on the local cloud.
generated:
    .ci/tools generators
    cargo build --locked -p local
    python3 tests/generated.py

# Run every test.
test *ARGS:
    cargo test --workspace --locked {{ ARGS }}

# Throw bytes at the parser and at every door, guided by coverage (needs nightly and cargo-fuzz): just fuzz, or just fuzz 600
fuzz SECONDS="60":
    python3 fuzz/seeds.py
    for target in request envelope; do cargo +nightly fuzz run --sanitizer none "$target" -- -max_total_time={{ SECONDS }} -dict=fuzz/json.dict -max_len=8192 -timeout=10; done

# Break domain and flow in hundreds of small ways, and see whether a test notices (needs cargo-mutants, and two hours).
mutants *ARGS:
    cargo mutants --in-place --package hosted-connection {{ ARGS }}
    cargo mutants --in-place --package allocation --test-package tests {{ ARGS }} -- --test guarantees -- --skip whatever_happens_to_one_request

# The same crash cases against the usual way: how many connections each leaves behind.
compare *ARGS:
    tests/comparison/run {{ ARGS }}

# Measure it beside a bare function, bare SDK calls, and Python: just bench, or just bench --quick --only warm
bench *ARGS:
    tests/bench/run {{ ARGS }}

# Count the instructions of an order, as CI does (needs valgrind): just instructions --where, or --update --where
instructions *ARGS: build
    .ci/tools sam
    cargo build --locked
    tests/bench/instructions {{ ARGS }}

# Several invocations of one process at once, as on Lambda Managed Instances.
managed-instances: build
    cargo build --locked
    python3 tests/managed_instances.py

# Everything that CI complains about, except formatting.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

fmt:
    cargo fmt --all

# The whole of CI, as it runs there.
ci:
    .ci/run

# Licences, banned crates, sources; known vulnerabilities too, where their database can be reached: just deny advisories
deny *CHECKS="bans licenses sources":
    .ci/tools cargo-deny
    {{ tools }}/cargo-deny/bin/cargo-deny --locked check {{ CHECKS }}

# What each deployed function is made of, as CycloneDX in target/sbom.
sbom:
    .ci/tools sbom
    python3 .ci/sbom.py

# Is the template sound?
template:
    .ci/tools sam
    PYTHONPATH={{ tools }}/sam AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 {{ tools }}/sam/bin/sam validate --lint
    PYTHONPATH={{ tools }}/sam {{ tools }}/sam/bin/cfn-lint template.yaml --append-rules cfn_lint_serverless.rules
    python3 tests/stack/translated.py
    .ci/tools checkov
    PYTHONPATH={{ tools }}/checkov {{ tools }}/checkov/bin/checkov --file template.yaml --framework cloudformation --compact --quiet --skip-download

# Build the functions for Lambda, for this machine's architecture or another: just build --arm64
build *ARGS=here:
    .ci/cargo-lambda build --release --locked {{ functions }} {{ ARGS }}
    python3 .ci/packages.py

# Run the deployed builds of the functions under Lambda's Runtime Interface Emulator, for every event.
rie *ARGS: build
    .ci/tools sam
    cargo build --locked
    python3 tests/rie.py {{ ARGS }}

# Deploy the template into an emulator of AWS that is not ours, and send orders through it.
stack *ARGS: build
    .ci/tools sam
    .ci/tools stack
    cargo build --locked -p local -p operator
    python3 tests/stack/run.py {{ ARGS }}

# Run them in containers with `sam local invoke`: just sam-local tests/events/http-v2-order.json
sam-local *EVENTS: build
    .ci/tools sam
    cargo build --locked
    tests/sam-local.sh {{ EVENTS }}
