"""The whole API of a real server against its own OpenAPI document, by schemathesis: `python -m bench.contract PROGRAM
SECONDS`. What would lock out whoever asks is left out; the tests' own fuzzing has it."""

import subprocess
import sys

from bench.identities import ADMIN, PASSWORD, server

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
_LOCKS_OUT = "^/api/(users|grants|sessions|me/(totp|password))"


def main(program: str, seconds: str) -> int:
    """The exit code of schemathesis."""
    with server() as port:
        address = f"http://127.0.0.1:{port}/openapi/openapi.json"
        more = ["--continue-on-failure", "--no-shrink", "--workers", "1", "--max-time", seconds]
        asked = ["--auth", f"{ADMIN}:{PASSWORD}", "--checks", _CHECKS, "--exclude-path-regex", _LOCKS_OUT, *more]
        return subprocess.run([program, "run", address, *asked], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
