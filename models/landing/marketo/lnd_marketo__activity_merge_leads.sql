-- One row per raw row of marketo.activity_merge_leads, set aside or not.
{{ landed_rows() }}
