import { FileUp, Loader2 } from "lucide-react"
import { useState } from "react"

const MAX_BYTES = 25000000

// props: audience. The file goes to the server's memory; its token to the conversation.
export default function LabUpload() {
  const [audience, setAudience] = useState(props.audience)
  const [state, setState] = useState({ stage: "ready", text: "", hint: "" })
  const [over, setOver] = useState(false)
  const busy = state.stage === "busy"

  const fail = (text, hint) => setState({ stage: "failed", text, hint: hint || "" })

  const send = async (file) => {
    if (!file || busy) return
    if (file.size > MAX_BYTES) {
      fail("The file has " + Math.round(file.size / 1e6) + " MB; at most 25 MB are read.", "Send fewer pages, or a smaller photo.")
      return
    }
    setState({ stage: "busy", text: "Reading the report. A photo takes some seconds a page.", hint: "" })
    try {
      const sent = await fetch("/labs/uploads", { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } })
      const answer = await sent.json()
      if (!sent.ok) {
        fail(answer.error, answer.hint)
        return
      }
      const read = await callAction({ name: "labs_read", payload: { upload: answer.upload, audience } })
      const result = read && read.response
      if (!result) fail("Something went wrong while reading.", "Try again, or send another photo of the report.")
      else if (!result.ok) fail(result.error, result.hint)
      else setState({ stage: "done", text: "The report was read; its values are below.", hint: "" })
    } catch (error) {
      fail("The report did not reach Marrow.", "Check that it is still running, and try again.")
    }
  }

  const drop = (event) => {
    event.preventDefault()
    setOver(false)
    send(event.dataTransfer.files[0])
  }

  return (
    <section className="marrow-upload" aria-label="Upload a lab report">
      <label className="marrow-drop" data-over={over} data-busy={busy}
        onDragOver={(event) => { event.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)} onDrop={drop}>
        {busy ? <Loader2 className="marrow-spin" aria-hidden="true" /> : <FileUp aria-hidden="true" />}
        <span>
          <strong>{busy ? "Reading …" : "Choose a report"}</strong>
          <span className="marrow-soft">or drop it here: PDF, PNG, JPEG, WebP or TIFF, at most 25 MB</span>
        </span>
        <input type="file" accept="application/pdf,image/png,image/jpeg,image/webp,image/tiff" disabled={busy}
          aria-label="Choose a report" onChange={(event) => { send(event.target.files[0]); event.target.value = "" }} />
      </label>
      <fieldset className="marrow-choice" disabled={busy}>
        <legend>Explain it to</legend>
        {[["patient", "a patient"], ["clinician", "a clinician"]].map(([key, label]) => (
          <label key={key}>
            <input type="radio" name={"audience-" + (props.id || "")} checked={audience === key} onChange={() => setAudience(key)} />
            {label}
          </label>
        ))}
      </fieldset>
      <p role={state.stage === "failed" ? "alert" : "status"} className={state.stage === "failed" ? "marrow-fault" : "marrow-soft"}>
        {state.text}
        {state.hint ? <span> {state.hint}</span> : null}
      </p>
    </section>
  )
}
