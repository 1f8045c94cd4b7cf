-- One row per raw row of marketo.activity_click_email, set aside or not.
{{ landed_rows() }}
