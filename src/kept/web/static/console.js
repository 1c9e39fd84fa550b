// A report may take a moment to count. Until the next page is here, say so.
document.addEventListener("submit", (event) => {
  const line = document.getElementById("loading")
  if (event.target.matches("form[data-loads]") && line) {
    line.hidden = false
    document.getElementById("results")?.setAttribute("aria-busy", "true")
  }
})
addEventListener("pageshow", () => {
  const line = document.getElementById("loading")
  if (line) line.hidden = true
  document.getElementById("results")?.removeAttribute("aria-busy")
})
