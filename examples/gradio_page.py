"""Bars on a page of Gradio: `python examples/gradio_page.py`. Gradio tracks bars in the shape of tqdm's."""

import time

import gradio

from headway.tqdm import tqdm


def train(epochs: float, progress: gradio.Progress = gradio.Progress(track_tqdm=True)) -> str:
    for _ in tqdm(range(int(epochs)), desc="epochs", unit="epoch"):
        time.sleep(0.1)
    return "trained"


with gradio.Blocks(title="Training") as page:
    epochs = gradio.Number(20, label="Epochs")
    result = gradio.Text(label="Result")
    gradio.Button("Train").click(train, epochs, result)

if __name__ == "__main__":
    page.launch()
