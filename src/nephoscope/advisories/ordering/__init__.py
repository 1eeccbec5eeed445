"""Which version is older: rpm, dpkg and apk by our own keys, the other ecosystems by `univers` and keys of semver."""
