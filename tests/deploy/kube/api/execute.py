"""`kubectl exec` and `attach` over WebSocket, subprotocol v5.channel.k8s.io (KEP-4006).

The first byte of a message is its channel: 0 standard input, 1 output, 2 error, 3 the outcome, 4 a new size of the
terminal. A message 255, CHANNEL from the client closes that channel. The outcome is a Status that holds the exit code.
"""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import threading

PROTOCOL = "v5.channel.k8s.io"
STDIN, STDOUT, STDERR, OUTCOME, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255


def run(socket, argv, stdin, tty):
    """Starts a command line whose streams are the channels, and tells its end."""
    if tty:
        _with_terminal(socket, argv)
    else:
        _with_pipes(socket, argv, stdin)


def _with_pipes(socket, argv, stdin):
    process = subprocess.Popen(argv, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    readers = [threading.Thread(target=_pump, args=(stream.fileno(), socket, channel))
               for stream, channel in ((process.stdout, STDOUT), (process.stderr, STDERR))]
    for reader in readers:
        reader.start()
    threading.Thread(target=_listen, args=(socket, process, process.stdin), daemon=True).start()
    for reader in readers:
        reader.join()
    _tell(socket, process.wait())


def _with_terminal(socket, argv):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    threading.Thread(target=_listen, args=(socket, process, os.fdopen(os.dup(ours), "wb", 0), ours), daemon=True).start()
    _pump(ours, socket, STDOUT)
    _tell(socket, process.wait())
    os.close(ours)


def _pump(source, socket, channel):
    while True:
        try:
            data = os.read(source, 32768)
        except OSError:
            return
        if not data:
            return
        try:
            socket.send(bytes([channel]) + data)
        except OSError:
            return


def _listen(socket, process, sink, terminal=None):
    """What the client sends, until it is gone; then the command goes too, as its terminal would be."""
    while (message := socket.receive()) is not None:
        try:
            if message[:2] == bytes([CLOSE, STDIN]) and sink:
                sink.close()
            elif message[:1] == bytes([STDIN]) and sink and not sink.closed:
                sink.write(message[1:])
                sink.flush()
            elif message[:1] == bytes([RESIZE]) and terminal is not None:
                size = json.loads(message[1:])
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size["Height"], size["Width"], 0, 0))
        except (OSError, ValueError):
            continue
    if process.poll() is None:
        process.terminate()


def _tell(socket, code):
    status = {"metadata": {}, "status": "Success"}
    if code != 0:
        status = {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
                  "message": f"command terminated with non-zero exit code: exit status {code}",
                  "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]}}
    try:
        socket.send(bytes([OUTCOME]) + json.dumps(status).encode())
    except OSError:
        pass
    socket.close()


def attach(socket, running):
    """Joins a container that runs already: `running` gives its `output()`, what it wrote and writes until its end, a
    file for its standard input or None, the number of its terminal or None, and its exit code by `wait()`."""
    threading.Thread(target=_feed, args=(socket, running), daemon=True).start()
    for data in running.output():
        socket.send(bytes([STDOUT]) + data)
    _tell(socket, running.wait())


def _feed(socket, running):
    while (message := socket.receive()) is not None:
        try:
            if message[:1] == bytes([STDIN]) and running.stdin:
                os.write(running.stdin, message[1:])
            elif message[:2] == bytes([CLOSE, STDIN]) and running.stdin and running.terminal is None:
                running.close_stdin()
            elif message[:1] == bytes([RESIZE]) and running.terminal is not None:
                size = json.loads(message[1:])
                fcntl.ioctl(running.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size["Height"], size["Width"], 0, 0))
        except (OSError, ValueError):
            continue
