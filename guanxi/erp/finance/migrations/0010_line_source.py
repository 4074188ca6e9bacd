"""The lines that a document's line became are found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("finance", "0009_contract_liability")]

    operations = [
        migrations.AddIndex(
            model_name="journalline",
            index=models.Index(condition=models.Q(("source_id__isnull", False)), fields=["source_id", "source_model"], name="line_source"),
        ),
    ]
