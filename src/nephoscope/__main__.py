"""`python -m nephoscope` and the `nephoscope` command."""


def main() -> None:
    raise NotImplementedError


if __name__ == "__main__":
    main()
