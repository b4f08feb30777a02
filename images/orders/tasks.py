"""What is done after an answer was given, by Celery: celery -A tasks worker"""

import asyncio
import os

from celery import Celery

from note import note

app = Celery("orders", broker=os.environ.get("REDIS_URL", "redis://127.0.0.1"))
app.conf.update(task_acks_late=True, task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task
def mail(item: str) -> None:
    asyncio.run(note("mail", item))
