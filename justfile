# Shortcuts for developers; `just` alone lists them. Every recipe is one command that works without just, too.

_default:
    @just --list

# Open the demo.
demo:
    cargo run --locked -- demo

# Run everything that must pass before a change is merged.
ci:
    bash .ci/run

# Format the code and run clippy.
lint:
    cargo fmt --all
    cargo clippy --locked --all-targets -- --deny warnings

# Run the fast tests: units, module borders, the simulator. FILTER is part of a test's path.
test FILTER="":
    cargo test --locked --lib --test house --test simulator -- {{FILTER}}

# Run tests of the whole program by name, for example `just program lists::`.
program FILTER="":
    cargo test --locked --test program -- {{FILTER}}

# Play so many stories of the simulation.
stories COUNT="500":
    PHONOLOG_SEEDS={{COUNT}} cargo test --profile fast --locked --test simulation

# Play one story of the simulation again and keep its trace.
seed SEED:
    PHONOLOG_SEED={{SEED}} cargo test --locked --test simulation -- --nocapture

# Accept what snapshot tests show now, for the tests whose path contains FILTER. Look at the diff afterwards.
accept FILTER:
    INSTA_UPDATE=always cargo test --locked --lib -- {{FILTER}}

# Build the documentation of the code; warnings are errors.
docs:
    RUSTDOCFLAGS="--deny warnings" cargo doc --locked --no-deps --document-private-items

# Measure something; `ls benches` has the names.
bench NAME:
    cargo bench --locked --bench {{NAME}}

# Draw the pictures of the README again.
pictures:
    cargo test --locked --test program -- --ignored draw_the_pictures

# Check licences, advisories and duplicate versions of the dependencies (needs cargo-deny).
deny:
    cargo deny --locked check
