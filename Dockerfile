# docker build -t hsts-check .
# docker run --rm hsts-check demo
# docker run --rm -i hsts-check -f ndjson - < banks.txt
FROM golang:1.26.8@sha256:3c3e25a4da13fd0478eed2df1eb35a0e667094a7124d3993a6a1d30f71c17e79 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/hsts-check ./cmd/hsts-check

# The program brings its own certificate authorities, lists and preload list.
FROM scratch
COPY --from=build /out/hsts-check /hsts-check
COPY --from=build /src/cmd/hsts-check/NOTICE /NOTICE
USER 65532:65532
WORKDIR /data
ENTRYPOINT ["/hsts-check"]
