# A node of Kiềng in a small image. Build: docker build -t kieng .
# Settings come from the environment: see .env.example.

FROM debian:12 AS build
WORKDIR /src
# The packages change seldom: a layer of their own.
COPY scripts/install-deps.sh scripts/
COPY scripts/lib/common.sh scripts/lib/
RUN scripts/install-deps.sh build
COPY . .
RUN cmake --preset release \
    && cmake --build build/release --target kieng-node \
    && strip build/release/bin/kieng-node

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates curl libboost-url1.81.0 libcrypt1 libfmt9 libpq5 libpqxx-6.4 libqrencode4 \
        libprometheus-cpp-core1.0 libspdlog1.10 libssl3 libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin kieng
COPY --from=build /src/build/release/bin/kieng-node /usr/local/bin/kieng-node
USER kieng
WORKDIR /
ENV PORT=4000
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=2s --start-period=30s --retries=3 \
    CMD curl --noproxy '*' -kfsS -o /dev/null "http${TLS_CERT:+s}://127.0.0.1:${PORT}/health" || exit 1
ENTRYPOINT ["kieng-node"]
CMD ["serve"]
