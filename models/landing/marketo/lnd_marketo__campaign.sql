-- One row per raw row of marketo.campaign, set aside or not.
{{ landed_rows() }}
