# One image for the gateway and every subgraph; docker-compose.yml says which runs.
# The version is that of the npm package `node` (a test compares them). For builds that no registry can change, add the
# digest, `node:<version>-bookworm-slim@sha256:…`, as `docker buildx imagetools inspect` prints it.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No install script runs. The one that is allowed elsewhere, that of `node`, fetches what this image has already.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# What browsers get, built with the packages that only building needs.
FROM node:24.21.0-bookworm-slim AS console
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/build-console.mjs ./scripts/
COPY tsconfig.json ./
COPY schema ./schema
COPY console ./console
RUN node scripts/build-console.mjs

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# A volume mounted here belongs to whoever runs the process.
RUN install -d -o 1000 -g 1000 /var/lib/dbsbm
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY scripts/ask.ts scripts/make-secrets.ts ./scripts/
COPY kernel ./kernel
COPY schema ./schema
COPY gateway ./gateway
COPY subgraphs ./subgraphs
COPY --from=console /app/console/dist ./console/dist
# Everything above belongs to root: the process cannot change its own code.
USER 1000:1000
EXPOSE 4000-4005
# Not through npm: SIGTERM must reach node itself.
CMD ["node", "gateway/main.ts"]
