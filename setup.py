"""Packaging: what is installed, which commands it brings, and the extra per optional dependency."""

import re
from pathlib import Path

from setuptools import find_packages, setup

VERSION = re.search(r'__version__ = "([^"]+)"', Path("xvpproxy/__init__.py").read_text(encoding="utf-8")).group(1)

BENCH = ["matplotlib>=3.8"]  # its pictures only
IRONIC = ["openstacksdk>=3"]
DATABASES = {"mysql": ["PyMySQL>=1.1"], "postgresql": ["psycopg[binary]>=3.1"]}

setup(
    name="xvpproxy",
    version=VERSION,
    description="From an access URL to a machine's console: safely and fast.",
    long_description=Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    python_requires=">=3.11",
    packages=[*find_packages(include=["xvpproxy", "xvpproxy.*"]), "twisted.plugins"],
    package_data={"xvpproxy": ["py.typed"]},
    install_requires=[
        "Twisted[tls]>=24.3",
        "oslo.config>=9.0",
        "pymemcache>=4.0",
        "XenAPI>=2.14",
        "SQLAlchemy>=2.0.43",
    ],
    extras_require={
        **DATABASES,
        "bench": BENCH,
        "ironic": IRONIC,
        "libvirt": ["libvirt-python>=9"],  # built against libvirt-dev with pkg-config and gcc, so in no other extra
        "test": [
            *(requirement for extra in DATABASES.values() for requirement in extra),
            *BENCH,
            *IRONIC,
            "mypy>=1.10",
            "mypy-zope>=1.0",
            "oslo.cache>=3.9",
            "python-memcached>=1.62",
            "ruff>=0.6",
            "vncdotool>=1.2",
        ],
    },
    entry_points={
        "console_scripts": ["xvpproxy = xvpproxy.cli.main:main"],
        "oslo.config.opts": ["xvpproxy = xvpproxy.config:list_opts"],
    },
    zip_safe=False,
)
