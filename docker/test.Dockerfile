# An image with the requirements of the tests and this checkout. It runs every test:
#
#   docker build -f docker/test.Dockerfile -t chrony-wasm-test . && docker run --rm chrony-wasm-test
#
# docker/compose.yaml also allows it to create namespaces. `make test-fresh` builds and runs it without Docker.
FROM node:20.20.2-bookworm-slim

RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git make

WORKDIR /chrony-wasm
# The installed packages change less often than the other files, so this layer stays cached.
COPY Makefile ./
COPY wasm/build.mk wasm/
COPY test/system/fuzz/fuzz.mk test/system/fuzz/
COPY test/support/install.sh test/support/unpack.sh test/support/
RUN make tools

COPY . .
RUN make build runtimes

# The tests that use network namespaces need root.
USER root
CMD ["make", "test"]
