module.exports = {
  apps: [
    { name: 'milo-aggregator', script: 'service.js', args: 'milo-aggregator 8080', cwd: '/srv/milo', exec_mode: 'cluster', instances: 2, max_memory_restart: '256M' },
    { name: 'milo-worker', script: 'service.js', args: 'milo-worker 8089', cwd: '/srv/milo', exec_mode: 'fork', max_memory_restart: '256M' },
  ],
};
