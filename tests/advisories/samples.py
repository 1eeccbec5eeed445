"""One small document of every format, written by hand in the shape that its publisher uses."""

import json
from typing import Any

AMAZON = """<?xml version="1.0" encoding="UTF-8"?>
<updates>
<update author="security@example.com" from="security@example.com" status="final" type="security" version="1.4">
  <id>ALAS2023-2024-747</id>
  <title>Amazon Linux 2023 - ALAS2023-2024-747: Low priority package update for python-urllib3</title>
  <issued date="2024-11-01 00:00:00"/><updated date="2024-11-02 00:00:00"/>
  <severity>low</severity>
  <description>words</description>
  <references><reference href="https://example.com" id="CVE-2024-37891" title="" type="cve"/></references>
  <pkglist><collection short="amazon-linux-2023---main"><name>Amazon Linux 2023</name>
    <package arch="noarch" epoch="0" name="python3-urllib3" release="4.amzn2023.0.1" version="1.25.10">
      <filename>Packages/python3-urllib3.rpm</filename></package>
    <package arch="src" epoch="0" name="python-urllib3" release="4.amzn2023.0.1" version="1.25.10"/>
  </collection></pkglist>
</update>
<update type="security"><id>ALAS2KERNEL-5.10-2022-002</id>
  <title>Amazon Linux 2 - ALAS2KERNEL-5.10-2022-002: Important priority package update for kernel</title>
  <severity>important</severity>
  <references><reference id="CVE-2022-0001" type="cve"/></references>
  <pkglist><collection short="amazon-linux-2---kernel-5.10">
    <package arch="x86_64" epoch="0" name="kernel" release="96.500.amzn2" version="5.10.102"/></collection></pkglist>
</update>
<update type="bugfix"><id>ALAS2023-2024-999</id><title>nothing about security</title>
  <pkglist><collection><package name="x" version="1" release="1"/></collection></pkglist></update>
</updates>
"""

ALMA = """<updates><update from="packager@example.com" status="final" type="security" version="3">
  <id>ALSA-2024:1234</id><title>Important: nodejs:18 security update</title><severity>Important</severity>
  <references><reference id="CVE-2024-1111" type="cve"/></references>
  <pkglist><collection short="almalinux-8"><name>almalinux-8</name>
    <module stream="18" name="nodejs" version="8090" context="abc" arch="x86_64"/>
    <package name="nodejs" version="18.19.1" release="1.module_el8.9.0+3735+da4a8ab2" epoch="1" arch="x86_64"/>
  </collection></pkglist></update>
  <update type="security"><id>RLSA-2024:2</id><title>Moderate: curl security update</title><severity>Moderate</severity>
  <pkglist><collection><package name="curl" version="7.76.1" release="29.el9_4.1" epoch="0" arch="x86_64"/></collection>
  </pkglist></update></updates>
"""

DEBIAN: dict[str, Any] = {
    "openssl": {
        "CVE-2024-0001": {
            "description": "fixed in one, open in another",
            "scope": "remote",
            "releases": {
                "bookworm": {"status": "resolved", "fixed_version": "3.0.13-1~deb12u1", "urgency": "medium"},
                "bullseye": {"status": "open", "urgency": "high**", "repositories": {"bullseye": "1.1.1w-0+deb11u1"}},
                "sid": {"status": "resolved", "fixed_version": "3.2.1-1", "urgency": "medium"},
            },
        },
        "CVE-2024-0002": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "0", "urgency": "low"}}},
        "CVE-2024-0003": {"releases": {"bookworm": {"status": "open", "urgency": "unimportant"}}},
        "CVE-2024-0004": {"releases": {"bookworm": {"status": "open", "urgency": "end-of-life"}}},
        "CVE-2024-0005": {"releases": {"bookworm": {"status": "undetermined", "urgency": "not yet assigned"}}},
        "CVE-2024-0006": {
            "releases": {"bookworm": {"status": "open", "urgency": "not yet assigned", "nodsa_reason": "ignored"}}
        },
        "CVE-2024-0007": {"releases": {"bookworm": {"status": "open", "urgency": "not yet assigned"}}},
    },
    "other": {"CVE-2024-0001": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "2.0-1"}}}},
}

UBUNTU = """<?xml version="1.0" ?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"
  xmlns:linux-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">
 <generator><product_name>x</product_name></generator>
 <definitions>
  <definition class="inventory" id="oval:com.ubuntu.jammy:def:100">
   <metadata><title>is it</title></metadata></definition>
  <definition class="patch" id="oval:com.ubuntu.jammy:def:61000000000" version="1">
   <metadata><title>USN-6100-1 -- Strip vulnerability</title>
    <affected family="unix"><platform>Ubuntu 22.04 LTS</platform></affected>
    <reference source="USN" ref_id="USN-6100-1" ref_url="https://example.com"/>
    <reference source="CVE" ref_id="CVE-2023-24038" ref_url="https://example.com"/>
    <description>words</description>
    <advisory from="security@example.com"><severity>Medium</severity><issued date="2023-05-24"/>
     <cve priority="medium">CVE-2023-24038</cve></advisory></metadata>
   <criteria><criterion test_ref="oval:t:1" comment="Long Term Support"/></criteria>
  </definition>
  <definition class="vulnerability" id="oval:com.ubuntu.jammy:def:2" version="1">
   <metadata><title>CVE-2022-9999 on Ubuntu 22.04 LTS (jammy) - low</title>
    <affected family="unix"><platform>Ubuntu 22.04 LTS</platform></affected>
    <advisory><severity>Low</severity></advisory></metadata>
   <criteria><criterion test_ref="oval:t:2" comment="bash package in jammy is affected and needs fixing."/></criteria>
  </definition>
 </definitions>
 <tests>
  <linux-def:dpkginfo_test id="oval:t:1">
   <linux-def:object object_ref="oval:o:1"/><linux-def:state state_ref="oval:s:1"/></linux-def:dpkginfo_test>
  <linux-def:dpkginfo_test id="oval:t:2"><linux-def:object object_ref="oval:o:2"/></linux-def:dpkginfo_test>
 </tests>
 <objects>
  <linux-def:dpkginfo_object id="oval:o:1">
   <linux-def:name var_ref="oval:v:1" var_check="at least one"/></linux-def:dpkginfo_object>
  <linux-def:dpkginfo_object id="oval:o:2"><linux-def:name>bash</linux-def:name></linux-def:dpkginfo_object>
 </objects>
 <states>
  <linux-def:dpkginfo_state id="oval:s:1">
   <linux-def:evr datatype="debian_evr_string" operation="less than">0:1.06-1ubuntu0.1</linux-def:evr>
  </linux-def:dpkginfo_state></states>
 <variables><constant_variable id="oval:v:1">
  <value>libstrip-perl</value><value>strip-tools</value></constant_variable></variables>
</oval_definitions>
"""

SECDB: dict[str, Any] = {
    "distroversion": "v3.18",
    "reponame": "main",
    "packages": [
        {"pkg": {"name": "openssl", "secfixes": {"3.1.4-r1": ["CVE-2023-5363 XSA-1"], "0": ["CVE-2022-1111"]}}},
        {"pkg": {"name": "xen", "secfixes": {}}},
    ],
}

CSAF: dict[str, Any] = {
    "document": {
        "aggregate_severity": {"text": "Important"},
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "title": "A flaw in openssl",
        "tracking": {"id": "CVE-2024-5555", "initial_release_date": "2024-05-01T00:00:00+00:00"},
    },
    "product_tree": {
        "branches": [
            {
                "name": "Red Hat",
                "branches": [
                    {
                        "product": {
                            "name": "BaseOS",
                            "product_id": "BaseOS-9.4",
                            "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"},
                        }
                    },
                    {
                        "product": {
                            "name": "EUS",
                            "product_id": "BaseOS-9.2.EUS",
                            "product_identification_helper": {"cpe": "cpe:/o:redhat:rhel_eus:9.2::baseos"},
                        }
                    },
                    {
                        "product": {
                            "name": "RHEL 8",
                            "product_id": "red_hat_enterprise_linux_8",
                            "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:8"},
                        }
                    },
                    {
                        "product": {
                            "name": "openssl",
                            "product_id": "openssl-1:3.0.7-27.el9.x86_64",
                            "product_identification_helper": {
                                "purl": "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64"
                            },
                        }
                    },
                    {"product": {"name": "openssl", "product_id": "openssl"}},
                    {"product": {"name": "shim", "product_id": "shim"}},
                    {"product": {"name": "edk2", "product_id": "edk2"}},
                ],
            }
        ],
        "relationships": [
            {
                "full_product_name": {"product_id": "BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64"},
                "product_reference": "openssl-1:3.0.7-27.el9.x86_64",
                "relates_to_product_reference": "BaseOS-9.4",
            },
            {
                "full_product_name": {"product_id": "BaseOS-9.2.EUS:openssl-1:3.0.7-27.el9.x86_64"},
                "product_reference": "openssl-1:3.0.7-27.el9.x86_64",
                "relates_to_product_reference": "BaseOS-9.2.EUS",
            },
            *(
                {
                    "full_product_name": {"product_id": f"red_hat_enterprise_linux_8:{name}"},
                    "product_reference": name,
                    "relates_to_product_reference": "red_hat_enterprise_linux_8",
                }
                for name in ("openssl", "shim", "edk2")
            ),
        ],
    },
    "vulnerabilities": [
        {
            "cve": "CVE-2024-5555",
            "product_status": {
                "fixed": ["BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64", "BaseOS-9.2.EUS:openssl-1:3.0.7-27.el9.x86_64"],
                "known_affected": ["red_hat_enterprise_linux_8:openssl", "red_hat_enterprise_linux_8:shim"],
                "known_not_affected": ["red_hat_enterprise_linux_8:edk2"],
            },
            "remediations": [
                {
                    "category": "no_fix_planned",
                    "details": "Will not fix",
                    "product_ids": ["red_hat_enterprise_linux_8:shim"],
                }
            ],
            "scores": [{"cvss_v3": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}}],
        }
    ],
}


def osv(own: str, ecosystem: str, package: str, events: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    return {
        "schema_version": "1.6.0",
        "id": own,
        "modified": "2024-01-01T00:00:00Z",
        "affected": [
            {"package": {"ecosystem": ecosystem, "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
        **more,
    }


OSV = osv(
    "GHSA-aaaa-bbbb-cccc",
    "PyPI",
    "Urllib3",
    [{"introduced": "0"}, {"fixed": "1.26.18"}, {"introduced": "2.0.0"}, {"fixed": "2.0.7"}],
    aliases=["CVE-2023-45803", "PYSEC-2023-212"],
    summary="Request body kept",
    database_specific={"severity": "MODERATE"},
)
OSV_YAML = """id: PYSEC-2023-212
modified: 2023-11-01 00:00:00
published: 2023-10-17 20:15:00
details: words
affected:
- package: {name: urllib3, ecosystem: PyPI}
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: "0"
    - fixed: 1.26.18
  versions: ["1.0"]
aliases: [CVE-2023-45803]
"""
KEV: dict[str, Any] = {
    "title": "catalogue",
    "catalogVersion": "2025.08.25",
    "count": 1,
    "vulnerabilities": [
        {
            "cveID": "CVE-2024-0001",
            "dateAdded": "2024-02-01",
            "dueDate": "2024-02-22",
            "knownRansomwareCampaignUse": "Known",
        },
        {"cveID": "nonsense"},
    ],
}
EPSS = "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.97,0.999\n"

FEEDS: dict[str, str] = {
    "amazon.xml": AMAZON,
    "alma.xml": ALMA,
    "debian.json": json.dumps(DEBIAN),
    "com.ubuntu.jammy.usn.oval.xml": UBUNTU,
    "main.json": json.dumps(SECDB),
    "cve-2024-5555.json": json.dumps(CSAF),
    "GHSA-aaaa-bbbb-cccc.json": json.dumps(OSV),
    "PYSEC-2023-212.yaml": OSV_YAML,
    "kev.json": json.dumps(KEV),
    "epss.csv": EPSS,
}
"""File name to content; every format is here."""
