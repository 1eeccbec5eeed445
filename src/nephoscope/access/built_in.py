"""The roles that the program ships."""

from collections.abc import Mapping

from nephoscope.kit.folding import fold
from nephoscope.model.identities import EVERY_PERMISSION, Permission, Role

MANAGER = "Manager"

_LOOKS = frozenset(
    {
        Permission.CONNECTORS_READ,
        Permission.RESOURCES_READ,
        Permission.CONTROLS_READ,
        Permission.EVALUATIONS_READ,
        Permission.EXCEPTIONS_READ,
        Permission.TAGS_READ,
        Permission.REPORTS_READ,
        Permission.FINDINGS_READ,
        Permission.PORTAL,
    }
)
"""What is there, and how it stands."""

_WORKS = _LOOKS | {
    Permission.CONNECTORS_RUN,
    Permission.CONTROLS_WRITE,
    Permission.TAGS_WRITE,
    Permission.REPORTS_WRITE,
    Permission.FINDINGS_WRITE,
    Permission.SECRETS_PREVIEW,
}
_DECIDES = _LOOKS | {Permission.EXCEPTIONS_WRITE, Permission.EXCEPTIONS_APPROVE}
_CHECKS = _LOOKS | {
    Permission.USERS_READ,
    Permission.CLIENTS_READ,
    Permission.SETTINGS_READ,
    Permission.AUDIT_READ,
}

_ROLES = (
    Role(MANAGER, EVERY_PERMISSION, "Everything.", is_built_in=True),
    Role("Analyst", _WORKS, "Looks into what was found: runs, tags, reports, policies, secrets.", is_built_in=True),
    Role("Exception Manager", _DECIDES, "Decides which failures are accepted, for how long.", is_built_in=True),
    Role("Auditor", _CHECKS, "Reads everything but secrets, and the audit trail; changes nothing.", is_built_in=True),
    Role("Reader", _LOOKS, "Reads what is there and how it stands; changes nothing.", is_built_in=True),
)

BUILT_IN: Mapping[str, Role] = {fold(role.name): role for role in _ROLES}
"""By the name in small letters."""
