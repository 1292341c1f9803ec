#!/bin/sh
# nbclient 0.11.0, ipykernel 7.4.0
#
# Guess:     A display has an id that all cells share, so an update finds its display wherever it comes from: a message
#            that answers the request of an earlier cell changes the output of that cell.
# Behaviour: It depends on the request that the message answers. nbclient reads answers to the cell that runs now and no
#            others. An update that answers the earlier cell is lost, and the saved notebook has the old output; the
#            same update as an answer to the running cell changes the output of the earlier one.
# Output:    answers the earlier cell: old
#            answers the running cell: new
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q nbclient==0.11.0 ipykernel==7.4.0
PATH="$folder/venv/bin:$PATH"
python - > "$folder/out" 2> "$folder/log" <<'EOF'
import nbformat
from nbclient import NotebookClient

DISPLAY = """
from IPython.display import display
earlier = dict(get_ipython().get_parent()["header"])
display({"text/plain": "old"}, raw=True, display_id="one")
"""
UPDATE = """
publisher = get_ipython().display_pub
running = dict(get_ipython().get_parent()["header"])
content = {{"data": {{"text/plain": "new"}}, "metadata": {{}}, "transient": {{"display_id": "one"}}}}
publisher.session.send(publisher.pub_socket, "update_display_data", content, parent={answered})
"""
for answered in ("earlier", "running"):
    cells = [nbformat.v4.new_code_cell(code) for code in (DISPLAY, UPDATE.format(answered=answered))]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3").execute()
    print(f"answers the {answered} cell:", notebook.cells[0].outputs[0].data["text/plain"])
EOF
cat "$folder/out"
[ "$(cat "$folder/out")" = "answers the earlier cell: old
answers the running cell: new" ]
