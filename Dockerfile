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
# Templates, migrations and time zones are inside.
COPY --from=build /usr/local/bin/guichet /usr/local/bin/guichet
USER 10001:10001
# The store and the known fixes belong here, the one folder that it writes to: the rest may be read-only. The
# configuration and its secrets are mounted at /etc/guichet.
ENV STATE_DIRECTORY=/var/lib/guichet
WORKDIR /var/lib/guichet
VOLUME /var/lib/guichet
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["guichet", "status", "--healthy"]
ENTRYPOINT ["guichet"]
CMD ["serve"]
