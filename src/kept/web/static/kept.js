// Kept's script. <script src="/kept/kept.js" data-key="wk_..." defer></script>
// Silent until it is allowed: before an answer it sends one question, sets no cookie and stores nothing.
(() => {
  const tag = document.currentScript
  const base = new URL(".", tag.src)
  const key = tag.dataset.key
  const waiting = (window.kept && window.kept.q) || []
  const MINUTE = 6e4

  // What the house said last: may we ask, may we collect, which events; and the cookie kept_choice as it was then.
  let state = null
  let mark = ""
  let queue = []
  let busy = false
  let tries = 0
  let timer = 0
  let path = ""
  let asking = 0

  // ---- cookies -----------------------------------------------------------------------------------------

  const cookie = (name) => (document.cookie.match("(?:^|; )" + name + "=([^;]*)") || [])[1] || ""
  const put = (name, value, seconds) => {
    document.cookie = `${name}=${value}; path=/; max-age=${seconds}; samesite=lax` + (location.protocol == "https:" ? "; secure" : "")
  }
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")

  const session = () => {
    if (!state.session) return
    const name = cookie("kept_session") || random()
    put("kept_session", name, state.session)
    return name
  }

  // A text body goes as text/plain, which needs no leave from another origin; a small one outlives the page.
  const pack = (told) => JSON.stringify({ key, ...told })
  const tongue = () => "lang=" + encodeURIComponent(document.documentElement.lang)
  const post = (to, told) => {
    const body = pack(told)
    return fetch(base + to, { method: "POST", credentials: "include", keepalive: body.length < 6e4, body })
  }

  // ---- may we? -----------------------------------------------------------------------------------------

  // A choice may change on another page or in another tab. The cookie tells at once, before anything is sent.
  const allowed = () => {
    if (!state || !state.collect) return false
    if (cookie("kept_choice") == mark) return true
    stop()
    ask()
    return false
  }

  const stop = () => {
    state = null
    queue = []
    clearTimeout(timer)
    timer = 0
  }

  const take = (told) => {
    state = told
    mark = cookie("kept_choice")
    if (!told.session) for (const name of ["kept_session", "kept_visit"]) if (cookie(name)) put(name, "", 0)
    if (told.collect) view()
    else queue = []
  }

  const ask = async () => {
    const turn = ++asking
    try {
      const signal = navigator.globalPrivacyControl ? "&gpc=1" : ""
      const reply = await fetch(`${base}v1/choices?key=${encodeURIComponent(key)}${signal}&${tongue()}`, { credentials: "include" })
      if (!reply.ok || turn != asking) return
      take(await reply.json())
      for (const call of waiting.splice(0)) track(...call)
      if (state.signal) line(state.texts.signal)
      else if (state.ask) question()
    } catch {
      // unreachable: stay silent
    }
  }

  const answer = async (yes) => {
    const turn = ++asking
    const answers = Object.fromEntries(state.groups.map((group) => [group.name, yes]))
    const reply = await post("v1/choices?" + tongue(), { answers, how: "dialog" })
    if (!reply.ok) throw reply.status
    if (turn == asking) take(await reply.json())
  }

  // ---- events ------------------------------------------------------------------------------------------

  const here = () => {
    const campaign = [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("utm_"))
    return location.pathname + (campaign.length ? "?" + new URLSearchParams(campaign) : "")
  }

  const came = () => {
    const from = document.referrer && new URL(document.referrer)
    return from && from.host != location.host ? from.origin + "/" : undefined
  }

  const strange = (what) => console.warn(`Kept: ${what} is not declared, or not allowed for this visitor`)

  // `own`: what the script itself says of a page, declared or not; nobody need be told what of it is left out.
  const add = (name, properties, own) => {
    if (!allowed()) return
    const declared = state.events[name]
    if (!declared) return strange(name)
    const kept = {}
    for (const property in properties) {
      if (declared.includes(property)) kept[property] = properties[property]
      else if (!own) strange(name + "." + property)
    }
    queue.push({ name, id: random(), at: Date.now(), page: here(), referrer: came(), session: session(), properties: kept })
    plan(1e3)
  }

  const track = (name, properties) => {
    if (state) add(name, properties)
    else if (waiting.length < 50) waiting.push([name, properties])
  }

  const view = () => {
    if (path == location.pathname || !state || !state.collect || !state.events.page_view) return
    path = location.pathname
    add("page_view", { path, title: document.title }, true)
  }

  // ---- sending -----------------------------------------------------------------------------------------

  const plan = (wait) => {
    timer = timer || setTimeout(send, wait)
  }

  const send = async () => {
    timer = 0
    if (busy || !queue.length || !allowed()) return
    busy = true
    const part = queue.slice(0, 50)
    let wait = 0
    try {
      const reply = await post("v1/events", { events: part })
      if (reply.status == 429 || reply.status >= 500) wait = 1e3 * reply.headers.get("retry-after") || -1
      else if (!reply.ok) console.warn(`Kept: refused with status ${reply.status}`)
      else for (const each of (await reply.json()).refused || []) console.warn(`Kept: ${each.reason} (${each.where})`)
    } catch {
      wait = -1
    }
    busy = false
    // The same events go again with the same ids, so that none is counted twice.
    if (wait) return plan(wait > 0 ? wait : Math.min(MINUTE, 1e3 * 2 ** ++tries))
    tries = 0
    queue = queue.filter((event) => !part.includes(event))
    if (queue.length) plan(0)
  }

  const leave = () => {
    if (!queue.length || !allowed()) return
    if (navigator.sendBeacon(base + "v1/events", pack({ events: queue.slice(0, 50) }))) queue = queue.slice(50)
  }

  // ---- the dialog --------------------------------------------------------------------------------------

  const make = (name, textContent = "", more) => Object.assign(document.createElement(name), { textContent }, more)

  // While it stands at the bottom, the page keeps room for it: nothing, and no focus, stays hidden behind.
  const room = (height) => {
    document.documentElement.style.scrollPaddingBottom = document.body.style.paddingBottom = height
  }

  let host = null
  const hide = () => {
    if (host) host.remove()
    room("")
  }

  const show = (label, focus, parts) => {
    hide()
    host = make("kept-choices")
    host.dataset.place = tag.dataset.place || "bottom"
    const box = make("section", "", { tabIndex: -1, ariaLabel: label, lang: state.lang })
    box.append(...parts)
    // Drawn only once its style is here: no flash, no shift.
    const style = make("link", "", { rel: "stylesheet", href: base + "kept-dialog.css" })
    host.hidden = true
    style.onload = style.onerror = () => {
      host.hidden = false
      if (getComputedStyle(host).position == "fixed") room(host.offsetHeight + "px")
      if (focus) box.focus()
    }
    host.attachShadow({ mode: "open" }).append(style, box)
    document.body.prepend(host)
  }

  const row = (...parts) => {
    const made = make("div", "", { className: "row" })
    made.append(...parts)
    return made
  }
  const button = (words, onclick, className = "") => make("button", words, { type: "button", onclick, className })
  const link = (words) => make("a", words, { href: base + "choices?" + tongue() })

  const line = (words, focus) => {
    const texts = state.texts
    show(words, focus, [make("p", words), row(link(texts.change), button(texts.hide, hide, "plain"))])
  }

  const question = () => {
    const texts = state.texts
    const list = make("ul")
    list.append(...state.items.map((words) => make("li", words)))
    const error = make("p", "", { role: "alert" })
    const press = (yes) => async () => {
      try {
        await answer(yes)
        line(state.texts.said, true)
      } catch {
        error.textContent = texts.failed
      }
    }
    show(texts.title, false, [
      make("h2", texts.title),
      list,
      make("p", texts.after),
      row(button(texts.yes, press(true)), button(texts.no, press(false)), link(texts.more)),
      error,
    ])
  }

  // ---- what is watched ---------------------------------------------------------------------------------

  const act = (element) => {
    const { keptEvent, ...data } = element.dataset
    const properties = {}
    for (const name in data) if (/^kept[A-Z]/.test(name)) properties[name.slice(4).replace(/(?!^)[A-Z]/g, "_$&").toLowerCase()] = data[name]
    track(keptEvent, properties)
  }

  const click = (event) => {
    if (!event.target.closest) return
    const action = event.target.closest("[data-kept-event]:not(form)")
    if (action && event.type == "click") act(action)
    const to = event.target.closest("a[href]")
    if (to && /^https?:$/.test(to.protocol) && to.host != location.host) track("link_followed", { target: to.origin + to.pathname })
  }

  addEventListener("click", click, true)
  addEventListener("auxclick", click, true)
  addEventListener("submit", (event) => event.target.dataset.keptEvent && act(event.target), true)
  addEventListener("popstate", () => setTimeout(view))
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name]
    history[name] = function () {
      const result = original.apply(this, arguments)
      // By then the page has set its new title.
      setTimeout(view)
      return result
    }
  }
  addEventListener("pagehide", leave)
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : allowed()))
  addEventListener("pageshow", (event) => event.persisted && allowed())

  window.kept = { track }
  ask()
})()
