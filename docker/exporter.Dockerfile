# The image of chrony-wasm serve, built from this checkout:
#
#   docker build -f docker/exporter.Dockerfile -t chrony-wasm .
#   docker run --network host chrony-wasm
#
# This queries the machine's chronyd over UDP, and serves only this machine: http://127.0.0.1:9123. The next command does the same
# with a separate network, and with chronyd's Unix socket, which gives every report:
#
#   docker run -p 127.0.0.1:9123:9123 -v /run/chrony:/run/chrony --user "$(id -u _chrony):$(id -g _chrony)" \
#     chrony-wasm serve --listen 0.0.0.0:9123
#
# docker/exporter.compose.yaml does the same, and docker/kubernetes.yaml does it on each node of a cluster.
# The address in -p keeps other hosts out: a bare 9123:9123 admits every host that reaches this machine, even past its
# firewall. To serve other hosts, see --web-config, --tls-cert, --bearer-token and --allow-host in chrony-wasm serve --help.
# --host queries another chronyd.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /chrony-wasm
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run --silent build && npm pack --silent
RUN npm install --global --prefix /opt/exporter --offline --no-audit --no-fund ./chrony-wasm-*.tgz
# koffi opens Unix sockets; this is the version in the lock file
RUN cp -r node_modules/koffi node_modules/@koromix /opt/exporter/lib/node_modules/

# an image without a shell, which does not run as root
FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /opt/exporter/lib/node_modules /opt/exporter/node_modules
EXPOSE 9123
HEALTHCHECK CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:9123/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "/opt/exporter/node_modules/chrony-wasm/dist/cli.cjs"]
CMD ["serve"]
