from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("acts", "0002_alter_act_result"),
    ]

    operations = [
        migrations.AddField(
            model_name="approvalrequest",
            name="asking",
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
