// A report may take a moment to count. Until the next page is here, say so.
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-ends]")) forget()
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

// Who is signed in and opens the bare address goes on to the seat of their session. It is remembered where, unlike
// a cookie, no other port of this host can read it; without this script one signs in again.
const seat = location.pathname.match(/^\/at-[0-9a-f]{32}\//)
const forget = () => localStorage.removeItem("kept_seat")
const known = localStorage.getItem("kept_seat")
if (seat && document.querySelector("form[data-ends]")) localStorage.setItem("kept_seat", seat[0])
else if (seat) document.querySelector("[data-ended]") && forget()
else if (known) location.replace(known + (location.pathname == "/sign-in" ? document.querySelector("[name=to]").value : location.pathname.slice(1) + location.search))
