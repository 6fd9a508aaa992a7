# Builds the binary and the package from source, reproducibly on any machine, and outputs the tarball:
#
#   docker build -f docker/build.Dockerfile -o build .
#
# The compiler is pinned by version. The result does not depend on the rest of the image. To pin that as well, give the base image
# by its digest: node:20.20.2-bookworm-slim@sha256:..., printed by `docker buildx imagetools inspect`.
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
