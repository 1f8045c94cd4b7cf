-- One row per raw row of marketo.activity_visit_webpage, set aside or not.
{{ landed_rows() }}
