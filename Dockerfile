# guichet in a container: docker build -t guichet . && docker run --rm guichet demo

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --bin guichet \
    && cp target/release/guichet /usr/local/bin/guichet

FROM debian:12-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /var/lib/guichet --create-home --shell /usr/sbin/nologin guichet
# Templates and migrations are inside.
COPY --from=build /usr/local/bin/guichet /usr/local/bin/guichet
USER guichet
# A SQLite store belongs here; the configuration is mounted at /etc/guichet/guichet.toml.
WORKDIR /var/lib/guichet
VOLUME /var/lib/guichet
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["guichet", "status"]
ENTRYPOINT ["guichet"]
CMD ["serve"]
