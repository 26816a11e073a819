// props: heading: [""…days], rows: [[name, …values]], plots: [{name, svg}], notices, notes
export default function LabTrends() {
  const [corner, ...days] = props.heading
  return (
    <section className="marrow-trends" aria-label="How values changed">
      <h4>How values changed</h4>
      {props.notices.map((notice) => <p key={notice} className="marrow-notice">{notice}</p>)}
      <div className="marrow-scroll" tabIndex={0} role="group" aria-label="Values by date">
        <table>
          <thead><tr><th scope="col">{corner || "Test"}</th>{days.map((day, number) => <th key={number} scope="col">{day}</th>)}</tr></thead>
          <tbody>
            {props.rows.map(([name, ...values]) => (
              <tr key={name}><th scope="row">{name}</th>{values.map((value, number) => <td key={number}>{value || "–"}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="marrow-soft">L is below and H above the interval, LL and HH past the alert limit; ? still needs a check.</p>
      <div className="marrow-plots">
        {props.plots.map((plot) => (
          <img key={plot.name} src={"data:image/svg+xml;charset=utf-8," + encodeURIComponent(plot.svg)} alt={plot.name + " over time; the table above has the values"} />
        ))}
      </div>
      {props.notes.map((note) => <p key={note} className="marrow-soft">{note}</p>)}
    </section>
  )
}
