-- One row per raw row of marketo.lead, set aside or not.
{{ landed_rows() }}
