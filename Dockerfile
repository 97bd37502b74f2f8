# A Hugging Face Docker Space, or any container host: docker build -t cardioscope . && docker run -p 7860:7860 cardioscope
# TORCH=default takes the registry's torch, with CUDA, for a host with an NVIDIA card; a build sees no card (install.py).
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 user
WORKDIR /home/user/app

ARG TORCH=cpu
COPY requirements.lock install.py ./
RUN PIP_NO_CACHE_DIR=1 TORCH=$TORCH python install.py

COPY --chown=user . .
RUN python -m compileall -q app.py core pages
USER user

# A Space shows the app in a frame of another site, which gets neither the XSRF cookie nor the same origin.
# There is no login and nothing to forge: a session is its own web socket.
# Nothing is written but below /tmp, which goes with the container; CARDIOSCOPE_RUNS on a volume keeps runs.
ENV HOME=/home/user \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HUB_OFFLINE=1 \
    HF_HOME=/tmp/huggingface \
    GRADIO_TEMP_DIR=/tmp/gradio \
    MPLCONFIGDIR=/tmp/matplotlib \
    CARDIOSCOPE_RUNS=/tmp/cardioscope \
    OMP_NUM_THREADS=1 \
    CARDIOSCOPE_HOST=0.0.0.0 \
    CARDIOSCOPE_PORT=7860 \
    STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION=false \
    STREAMLIT_SERVER_ENABLE_CORS=false

EXPOSE 7860
HEALTHCHECK --start-period=120s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/healthz')"]
CMD ["python", "app.py"]
