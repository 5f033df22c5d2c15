/** Makes of a listener one that never throws: its errors go to `onError`. */
export function guard(onError: (error: unknown) => void) {
  return <T extends unknown[]>(listener: (...args: T) => void): ((...args: T) => void) => {
    return (...args) => {
      try {
        listener(...args);
      } catch (error) {
        onError(error);
      }
    };
  };
}
