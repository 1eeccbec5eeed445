"""`python -m nephoscope.images.sandbox`: the parser process. Its standard input is a socket to the parent."""

import os
import socket

from nephoscope.images.sandbox.limits import enter
from nephoscope.images.sandbox.messages import Line
from nephoscope.images.sandbox.serving import serve


def main() -> None:
    """Until the parent goes. Nothing of a disk is looked at before everything is given up."""
    with socket.socket(fileno=os.dup(0)) as end:
        missing = enter()
        serve(Line(end), missing)


if __name__ == "__main__":
    main()
