-- One row per raw row of marketo.activity_open_email, set aside or not.
{{ landed_rows() }}
