# chrony-wasm serve in an image of its own: npm pack, then
#   docker build -f docker/exporter.Dockerfile -t chrony-wasm .
#   docker run --network host chrony-wasm
# With a network of its own it needs to be told where chronyd is, and by what name it is reached:
#   docker run -p 9123:9123 chrony-wasm serve --listen 0.0.0.0:9123 --host 192.0.2.1 --allow-host metrics.example.org

FROM node:20-slim AS package
COPY chrony-wasm-*.tgz /tmp/
RUN npm install --global --prefix /opt/chrony --offline --no-audit --no-fund /tmp/chrony-wasm-*.tgz

# neither a shell nor root
FROM gcr.io/distroless/nodejs20-debian12:nonroot
COPY --from=package /opt/chrony/lib/node_modules/chrony-wasm /opt/chrony-wasm
EXPOSE 9123
HEALTHCHECK CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:9123/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "/opt/chrony-wasm/dist/cli.cjs"]
CMD ["serve", "--listen", "0.0.0.0:9123"]
