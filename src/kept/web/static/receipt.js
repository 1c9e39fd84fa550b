// A deletion takes a moment. Look whether it is done, and show the page anew when it is.
const LOOK = 2000
const look = async () => {
  try {
    const page = await (await fetch(location.href)).text()
    if (!page.includes("data-waits")) return location.reload()
  } catch {
    // not reached just now
  }
  setTimeout(look, LOOK)
}
setTimeout(look, LOOK)
