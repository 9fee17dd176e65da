"""Builds llama-cpp-python for the processor of this machine, once per user.

As a command, `python -m scripts.build_llama` prints the path of the wheel on standard output and everything else on
standard error. It runs with the Python of `.uv`, where it installs what the build needs.

The wheel is kept in the user's cache under a name that tells its version, machine, processor features, C library and
build options, so that no wheel is used where it does not fit.
"""

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.progress import Ninja, Progress

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT = ROOT / "requirements" / "llama.lock"
BUILD_REQUIREMENTS = ROOT / "requirements" / "build.lock"
OPTIONS = ROOT / "scripts" / "llama-options.cmake"

CMAKE_ARGUMENTS = (
    f"-DCMAKE_PROJECT_INCLUDE={OPTIONS}",
    "-DLLAVA_BUILD=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_TOOLS=OFF",
    "-DLLAMA_OPENSSL=OFF",
)

LOG_TAIL = 25
"""Lines of the build's output that are shown when it fails."""


class BuildError(Exception):
    """The wheel could not be built; the text says what to look at."""


def cache_folder() -> Path:
    """The folder of the built wheels, in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "arvis" / "wheels"


def locked_version(lock: str) -> str:
    """The version of llama-cpp-python in the text of a lock file.

    Raises:
        BuildError: the lock names none.
    """
    match = re.search(r"^llama-cpp-python==([^\s;\\]+)", lock, re.MULTILINE)
    if match is None:
        raise BuildError("requirements/llama.lock does not name llama-cpp-python; run `make lock`")
    return match[1]


def processor_features(cpuinfo: str) -> str:
    """The features of the first processor in the text of /proc/cpuinfo; empty where it lists none."""
    match = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
    return match[1] if match else ""


def cache_key(version: str, machine: str, cpuinfo: str, options: str) -> str:
    """The name of the folder for a wheel of this version that runs on such a machine.

    Args:
        version: of llama-cpp-python.
        machine: as `uname -m` says it.
        cpuinfo: the text of /proc/cpuinfo.
        options: whatever else shapes the build.
    """
    shape = hashlib.sha256(f"{processor_features(cpuinfo)}\n{options}".encode()).hexdigest()[:12]
    return f"llama-cpp-python-{version}-{machine}-{shape}"


def build_options() -> str:
    """What shapes the build besides the processor; the folder of the clone does not."""
    arguments = [a for a in CMAKE_ARGUMENTS if str(OPTIONS) not in a]
    return "\n".join([*arguments, OPTIONS.read_text(encoding="utf-8"), *platform.libc_ver()])


def say(text: str) -> None:
    """Tell the user something, apart from the result on standard output."""
    print(text, file=sys.stderr, flush=True)


def install_build_tools() -> None:
    """Install CMake, Ninja and the build back end at their locked versions beside this Python.

    Raises:
        BuildError: the installer failed; its own words are on standard error.
    """
    uv = str(Path(sys.executable).with_name("uv"))
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable]
    command += ["--require-hashes", "--requirement", str(BUILD_REQUIREMENTS)]
    if subprocess.call(command, stdout=sys.stderr) != 0:  # nosec B603  # the installer, with what is locked
        raise BuildError("the tools to build llama-cpp-python could not be installed (see above)")


def build_command(into: Path) -> list[str]:
    """The command that downloads the locked source, checks its hash and builds the wheel."""
    return [
        *(sys.executable, "-m", "pip", "wheel", "--verbose", "--disable-pip-version-check", "--no-cache-dir"),
        *("--require-hashes", "--no-deps", "--no-build-isolation", "--no-binary", "llama-cpp-python"),
        *("--requirement", str(REQUIREMENT), "--wheel-dir", str(into)),
    ]


def build_environment() -> dict[str, str]:
    """This environment, with the build tools first and no more compilers at once than there are processors."""
    tools = Path(sys.executable).parent
    return {
        "CMAKE_BUILD_PARALLEL_LEVEL": str(len(os.sched_getaffinity(0))),
        **os.environ,
        "CMAKE_ARGS": shlex.join(CMAKE_ARGUMENTS),
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def output_of(command: list[str], environment: dict[str, str], log: Path) -> Iterator[str]:
    """Run a command; yield its output line by line, keeping it in a file.

    Raises:
        BuildError: the command failed.
    """
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(  # nosec B603  # the compiler
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout or ():
            file.write(line)
            yield line
    if process.returncode != 0:
        lines = log.read_text(encoding="utf-8").splitlines()
        raise BuildError("\n".join([*(line[:300] for line in lines[-LOG_TAIL:]), f"The whole output is in {log}"]))


def build(into: Path) -> Path:
    """Build the wheel, with progress, and put it into a folder when it is complete.

    Raises:
        BuildError: something failed.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    log = into.parent / f"{into.name}.log"
    reader = Ninja(Progress("llama.cpp"))
    with tempfile.TemporaryDirectory(dir=into.parent) as folder:
        for line in output_of(build_command(Path(folder)), build_environment(), log):
            if message := reader.feed(line):
                say(message)
        wheel = next(Path(folder).glob("*.whl"))
        into.mkdir(exist_ok=True)
        built = Path(shutil.move(wheel, into / wheel.name))
    log.unlink()
    return built


def main() -> int:
    """Print the path of the wheel; build it first if the cache has none that fits."""
    try:
        version = locked_version(REQUIREMENT.read_text(encoding="utf-8"))
        cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        folder = cache_folder() / cache_key(version, platform.machine(), cpuinfo, build_options())
        wheel = next(folder.glob("*.whl"), None)
        if wheel is None:
            say(f"set-up: builds llama-cpp-python {version} for this processor, once (2 to 5 minutes on two cores)")
            install_build_tools()
            wheel = build(folder)
            say(f"set-up: keeps the built wheel in {folder}")
    except BuildError as error:
        say(f"{error}\nset-up: llama-cpp-python could not be built")
        return 1
    print(wheel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
