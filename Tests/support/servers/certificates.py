"""Certificates for servers of the tests, made with openssl."""
import os
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Certificates:
    """An authority of our own, and what it signs."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.authority = self.make("ca", None)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, name, extension):
        key, certificate = self.path(name + ".key"), self.path(name + ".crt")
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        if extension is None:
            openssl("req", "-x509", "-new", "-key", key, "-out", certificate, "-days", "30", "-subj", f"/CN={name}")
            return certificate
        request, extensions = self.path(name + ".csr"), self.path(name + ".ext")
        with open(extensions, "w") as file:
            file.write(extension)
        openssl("req", "-new", "-key", key, "-out", request, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.path("ca.crt"), "-CAkey", self.path("ca.key"), "-CAcreateserial", "-out", certificate,
                "-days", "30", "-extfile", extensions)
        return certificate
