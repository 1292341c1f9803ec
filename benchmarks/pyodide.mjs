// headway beside tqdm in Pyodide under Node: node benchmarks/pyodide.mjs NODE_MODULES PEERS [ITEMS]
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [modules, peers, items = "500000"] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.resolve(modules, "pyodide", "pyodide.mjs")).href);
const python = await loadPyodide({ env: { HOME: "/tmp", PYTHONDONTWRITEBYTECODE: "1" } });
const here = path.dirname(fileURLToPath(import.meta.url));
for (const [name, root] of Object.entries({ benchmarks: here, src: path.join(here, "..", "src"), peers })) {
    python.FS.mkdir(`/${name}`);
    python.FS.mount(python.FS.filesystems.NODEFS, { root: path.resolve(root) }, `/${name}`);
    python.runPython(`import sys; sys.path.insert(0, "/${name}")`);
}
let drawn = 0;
const lead = (terminal) => {
    drawn = 0;
    const write = (bytes) => {
        drawn += bytes.length;
        return bytes.length;
    };
    python.setStderr({ write, isatty: terminal });
};
python.globals.set("lead", lead);
python.globals.set("drawn", () => drawn);
python.globals.set("items", Number(items));
process.exitCode = python.runPython("import in_pyodide; in_pyodide.main(items, lead, drawn)");
