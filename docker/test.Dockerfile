# A machine that has what the tests need, and this checkout. It runs every test:
#
#   docker build -f docker/test.Dockerfile -t chrony-wasm-test . && docker run --rm chrony-wasm-test
#
# docker/compose.yaml also lets it have namespaces. `make test-fresh` builds and runs it without Docker.
FROM node:20.20.2-bookworm-slim

RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git make

WORKDIR /chrony-wasm
# what is installed changes less often than the rest
COPY Makefile ./
COPY wasm/build.mk wasm/
COPY test/system/fuzz/fuzz.mk test/system/fuzz/
COPY test/support/install.sh test/support/unpack.sh test/support/
RUN make tools

COPY . .
RUN make build runtimes

# the tests that have a network of their own need root
USER root
CMD ["make", "test"]
