/** Makes the buttons of install lines work, which are hidden where no script runs. */
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  const text = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = text), 1500);
  });
}
