// Run a program, then pytest, in Pyodide: node pyodide.mjs NODE_MODULES WHEELS REPOSITORY PROGRAM [PYTEST_ARGUMENT...]
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, wheels, repository, program, ...rest] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(modules, "pyodide", "pyodide.mjs")).href);
const python = await loadPyodide({ env: { HOME: "/tmp", PYTHONDONTWRITEBYTECODE: "1" } });
const site = python.runPython("import site; site.getsitepackages()[0]");
for (const name of fs.readdirSync(wheels).filter((name) => name.endsWith(".whl"))) {
    python.unpackArchive(new Uint8Array(fs.readFileSync(path.join(wheels, name))), "wheel", { extractDir: site });
}
python.FS.mkdir("/repository");
python.FS.mount(python.FS.filesystems.NODEFS, { root: repository }, "/repository");
python.globals.set("program", program);
python.globals.set("arguments", python.toPy(rest));
try {
    process.exitCode = python.runPython(`
import os, runpy
import pytest
os.chdir("/repository")
runpy.run_path(program, run_name="__main__")
int(pytest.main([*arguments]))
`);
} catch (error) {
    // Only the message: the trace that Node adds holds the whole of Pyodide's code.
    console.error(error.message);
    process.exitCode = 1;
}
