# Builds the binary and the package from source, where they come out the same for everybody, and gives the tarball:
#
#   docker build -f docker/build.Dockerfile -o build .
#
# The compiler is pinned by version. To pin the rest of the machine too, give the base by its digest
# (node:20.20.2-bookworm-slim@sha256:...; `docker buildx imagetools inspect` tells it): no byte depends on it.
FROM node:20.20.2-bookworm-slim AS build

RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git make \
    emscripten=3.1.6~dfsg-5 binaryen=108-1 clang-14=1:14.0.6-12 lld-14=1:14.0.6-12

WORKDIR /chrony-wasm
RUN chown node:node .
USER node
COPY --chown=node:node . .
RUN make verify-wasm
RUN make pack

FROM scratch
COPY --from=build /chrony-wasm/build/*.tgz /
