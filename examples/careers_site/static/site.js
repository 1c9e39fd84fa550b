// Tell Kept what happened on this page. The server has marked it: an action's name and its properties.
// Whether any of it is gathered is for the visitor's choices and the policy to say, not for this file.
"use strict";

for (const mark of document.querySelectorAll("[data-event]")) {
  window.kept?.track(mark.dataset.event, JSON.parse(mark.dataset.properties));
}
