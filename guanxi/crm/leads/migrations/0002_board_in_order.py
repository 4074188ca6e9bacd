from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial")]

    operations = [
        migrations.RemoveIndex("opportunity", "opportunity_board"),
        migrations.AddIndex(
            "opportunity",
            models.Index(condition=models.Q(("status", "open")), fields=["stage", "expected_on", "id"], name="opportunity_board"),
        ),
    ]
