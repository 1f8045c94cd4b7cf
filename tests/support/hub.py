"""A package hub on loopback, for machines that reach no other.

What belongs here: what `dbt deps` asks a hub for. What does not: what is installed from it.
"""

import contextlib
import hashlib
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

VERSION = "1.3.0"


@contextlib.contextmanager
def package_hub(package: Path, name: str) -> Iterator[dict[str, str]]:
    """A hub with one package, `owner/name`; gives the variable by which dbt knows it."""
    short = name.split("/")[1]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(package, arcname=f"{short}-{VERSION}")
    tarball = packed.getvalue()

    class Hub(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = f"http://127.0.0.1:{self.server.server_address[1]}"
            described = {
                "id": f"{name}/{VERSION}", "name": short, "version": VERSION, "packages": [],
                "downloads": {
                    "tarball": f"{address}/{short}.tar.gz", "format": "tgz",
                    "sha1": hashlib.sha1(tarball).hexdigest(),
                },
            }  # fmt: skip
            answers = {
                "/api/v1/index.json": json.dumps([name]).encode(),
                f"/api/v1/{name}.json": json.dumps(
                    {"name": short, "namespace": name.split("/")[0],
                     "versions": {VERSION: described}}
                ).encode(),
                f"/{short}.tar.gz": tarball,
            }  # fmt: skip
            found = answers.get(self.path)
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *arguments: object) -> None:
            """Nothing: what is asked is no news."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield {"DBT_PACKAGE_HUB_URL": f"http://127.0.0.1:{server.server_address[1]}/"}
        finally:
            server.shutdown()
