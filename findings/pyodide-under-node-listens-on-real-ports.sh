#!/bin/sh
# Pyodide 314.0.7 under Node.js
#
# Guess:     WebAssembly has no sockets: `socket.socket().listen()` raises OSError, as starting a thread raises.
# Behaviour: It listens, on a real port of the machine, by a server of Node's. As long as the socket is open, Node does
#            not end when the program is over: work that listens "just in case" keeps the process alive.
# Output:    thread: RuntimeError
#            listen: works
#            a connection from outside: accepted
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund pyodide@314.0.7 > /dev/null
cat > run.mjs <<'EOF'
import net from "node:net";
import { loadPyodide } from "pyodide";
const python = await loadPyodide();
const port = 20000 + (process.pid % 20000);
console.log(python.runPython(`
import socket, threading
try:
    threading.Thread(target=print).start()
    thread = "works"
except RuntimeError:
    thread = "RuntimeError"
try:
    server = socket.socket()
    server.bind(("127.0.0.1", ${port}))
    server.listen()
    listen = "works"
except OSError as error:
    listen = type(error).__name__
f"thread: {thread}\\nlisten: {listen}"
`));
const client = net.connect(port, "127.0.0.1");
const outcome = await new Promise((done) => {
    client.on("connect", () => done("accepted"));
    client.on("error", () => done("refused"));
});
console.log(`a connection from outside: ${outcome}`);
client.destroy();
process.exit(0);
EOF
node run.mjs > out
cat out
[ "$(cat out)" = "thread: RuntimeError
listen: works
a connection from outside: accepted" ]
