-- One row per raw row of salesforce.opportunity_contact_role, set aside or not.
{{ landed_rows() }}
