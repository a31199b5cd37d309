import { Outlet } from '@tanstack/react-router';

export function Shell() {
  return (
    <div className="win">
      <div className="content">
        <Outlet />
      </div>
    </div>
  );
}
