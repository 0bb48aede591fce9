"""Measuring over ssh: a real sshd on the loopback, and LiteRT and ncnn as the runtimes."""
import json
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from ai_edge_litert.interpreter import Interpreter

from product import PROGRAM, ROOT


class Board:
    """An sshd of its own with its own keys, which only this test's ssh can log in to."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for name in ("host", "user"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        shutil.copy(self.folder / "user.pub", self.folder / "authorized_keys")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self.folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\n"
            f"AuthorizedKeysFile {self.folder}/authorized_keys\nPasswordAuthentication no\n"
            f"KbdInteractiveAuthentication no\nPidFile {self.folder}/pid\nStrictModes no\nUsePAM no\n")
        host = (self.folder / "host.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host}")
        (self.folder / "config").write_text(
            f"Host board\n  HostName 127.0.0.1\n  Port {self.port}\n  IdentityFile {self.folder}/user\n"
            f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.folder}/known_hosts\n"
            f"Host stranger\n  HostName 127.0.0.1\n  Port {self.port}\n  IdentityFile {self.folder}/host\n"
            f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.folder}/known_hosts\n")
        # The program calls ssh by its name: this one has the configuration of the test.
        programs = self.folder / "bin"
        programs.mkdir()
        wrapper = programs / "ssh"
        wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {self.folder}/config "$@"\n')
        wrapper.chmod(0o755)
        self.environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")
        os.makedirs("/run/sshd", exist_ok=True)
        self.start()

    def start(self):
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        self.server = subprocess.Popen([sshd, "-D", "-f", self.folder / "sshd_config"], stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("sshd does not listen")

    def stop(self):
        """As when the board loses its power: its connections end too."""
        children = subprocess.run(["pgrep", "-P", str(self.server.pid)], capture_output=True, text=True).stdout.split()
        for child in children:
            grandchildren = subprocess.run(["pgrep", "-P", child], capture_output=True, text=True).stdout.split()
            for process in [*grandchildren, child]:
                subprocess.run(["kill", "-9", process], stderr=subprocess.DEVNULL)
        self.server.kill()
        self.server.wait()


def runner(folder):
    """A program that runs benchmark_model.py beside this file with this Python."""
    path = pathlib.Path(folder) / "benchmark_model"
    script = pathlib.Path(__file__).with_name("benchmark_model.py")
    seen = pathlib.Path(folder) / "seen"
    seen.mkdir()
    # Keeps the models that come over the network.
    path.write_text(
        f'#!/bin/sh\nfor option in "$@"; do case "$option" in --graph=/tmp/onepath.*) cp "${{option#--graph=}}" "{seen}" ;; '
        f'esac; done\nexec "{sys.executable}" "{script}" "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


class Remote(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        (self.folder / "board").mkdir()
        self.board = Board(self.folder / "board")
        self.runner = runner(self.folder)
        self.architecture = self.folder / "small.json"
        network = json.loads((ROOT / "searchspaces/reference/mobilenet-v1.json").read_text())
        network["name"] = "small"
        network["input"] = {"height": 64, "width": 64, "channels": 3}
        network["layers"] = network["layers"][:2]
        self.architecture.write_text(json.dumps(network))

    def tearDown(self):
        self.board.stop()
        self.temporary.cleanup()

    def run_onepath(self, *arguments):
        return subprocess.run(
            [PROGRAM, *map(str, arguments)], env=self.board.environment, capture_output=True, text=True)

    def profile(self, output, budget, *more):
        return [
            "profile", "--architecture", self.architecture, "--ssh", "board", "--benchmark-model", self.runner,
            "--like", "pixel1-xnnpack", "--budget", budget, "--output", output, *more]

    def test_a_network_takes_what_litert_takes(self):
        for data_type in ("float32", "int8"):
            with self.subTest(data_type):
                done = self.run_onepath(
                    "measure", "--architecture", "mobilenet-v3-small", "--ssh", "board", "--benchmark-model", self.runner,
                    "--data-type", data_type, "--budget", 60, "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                measured = json.loads(done.stdout)
                # The same file by the same interpreter, here.
                model = self.folder / "seen/model.tflite"
                inputs = Interpreter(str(model)).get_input_details()
                self.assertEqual(inputs[0]["dtype"].__name__, data_type)
                printed = subprocess.run(
                    [self.runner, f"--graph={model}"], capture_output=True, text=True, check=True).stdout
                here = float(printed.split("Inference (avg): ")[1]) / 1000
                # Not a matter of speed: an interpreter that ran another network would be off by a factor.
                self.assertLess(abs(measured["latency_ms"] / here - 1), 0.6)

    def test_a_network_takes_what_ncnn_takes(self):
        program = self.folder / "benchncnn"
        script = pathlib.Path(__file__).with_name("benchncnn.py")
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        done = self.run_onepath(
            "measure", "--architecture", "mobilenet-v3-small", "--ssh", "board", "--runtime", "ncnn", "--benchncnn", program,
            "--budget", 40, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        measured = json.loads(done.stdout)
        self.assertEqual(measured["runtime"]["name"], "ncnn")
        # What the device plan writes is the same network, here.
        plan = self.folder / "plan"
        planned = self.run_onepath(
            "device", "plan", "--device", "khadas-vim3-ncnn", "--count", 100, "--output", plan)
        self.assertEqual(planned.returncode, 0, planned.stderr)
        printed = subprocess.run(
            [program, "20", "1", "2", "-1", "0", f"param={plan}/mobilenet-v3-small.param", "shape=[224,224,3]"],
            capture_output=True, text=True, check=True).stderr
        here = float(printed.split("min =")[1].split()[0])
        self.assertLess(abs(measured["latency_ms"] / here - 1), 0.6)

    def test_a_board_that_goes_away_and_comes_back(self):
        output = self.folder / "board.json"
        journal = pathlib.Path(f"{output}.partial.jsonl")
        command = [PROGRAM, *map(str, self.profile(output, 120))]
        first = subprocess.Popen(
            command, env=self.board.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while first.poll() is None and (not journal.exists() or len(journal.read_text().splitlines()) < 4):
            time.sleep(0.05)
        self.board.stop()
        _, error = first.communicate(timeout=120)
        self.assertEqual(first.returncode, 66, error)
        self.assertRegex(error, "does not answer any more|cannot log in")
        kept = len(journal.read_text().splitlines()) - 1
        self.assertGreaterEqual(kept, 3)
        self.board.start()
        again = self.run_onepath(*self.profile(output, 120))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn(f"{kept} visits are done", again.stderr)
        self.assertIn("model of its own", again.stderr)
        operators = json.loads(output.read_text())["tables"][0]["operators"]
        self.assertTrue(operators and all(entry["latency_ms"] > 0 for entry in operators))

    def test_a_board_that_does_not_let_us_in(self):
        done = self.run_onepath(
            "measure", "--architecture", "mobilenet-v3-small", "--ssh", "stranger", "--benchmark-model", self.runner)
        self.assertEqual(done.returncode, 66, done.stderr)
        self.assertIn("cannot log in to stranger", done.stderr)
        self.assertIn("Permission denied", done.stderr)
        # Nothing is listed of the files that were there for a moment.
        self.assertEqual(list(pathlib.Path("/tmp").glob("onepath-ssh-*")), [])


if __name__ == "__main__":
    unittest.main()
