"""tunnelspec: a contract and fuzz test suite for AWS IoT Secure Tunneling's control plane."""

__version__ = "0.1.0"
